"""What tests and benchmarks share: the app in a browser, and things to test with."""
