"""A searchable directory of providers who state, over their signature, how they take bone marrow."""

__version__ = "0.1.0"
