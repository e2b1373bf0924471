"""The commands of `usock-lint`: one module each, imported only when it is called, with a `main(words) -> exit code`."""
