"""Customer-experience analytics: from the exports you already have to figures that can be defended."""

__version__ = "0.1.0"
