"""A searchable directory of providers who have signed how they perform bone marrow aspirations."""

__version__ = "0.2.0"
