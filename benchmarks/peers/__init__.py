"""One adapter a library, each imported only where its library is installed."""
