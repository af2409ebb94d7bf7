"""What a script writes into a page of docs/: between two marks, so that the words around it are edited in the page."""


def put(page: str, script: str, written: str) -> str:
    """The page with this between the script's marks."""
    start, end = f"<!-- Written by `python scripts/{script}`. -->\n", "<!-- End of it. -->\n"
    before, found, rest = page.partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"the page has no marks of {script}")
    return f"{before}{start}\n{written}\n{end}{after}"
