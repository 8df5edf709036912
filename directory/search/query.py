"""What a patient asks for, as a value that cannot be built wrong."""
