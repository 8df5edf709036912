"""Certification: what is asked, how each answer is graded, and why; the weakest answer decides."""
