// The generator knows one language; browsers choose the shapes of Chinese characters by the page's.
if (location.pathname.includes("/zh/")) document.documentElement.lang = "zh";

// A box that filters the rows of the tables below it, on pages that ask for one.
for (const box of document.querySelectorAll("[data-filter]")) {
  const tables = [...document.querySelectorAll(".md-content table")];
  const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
  const headings = [...document.querySelectorAll(".md-content h2")];
  const address = new URL(location.href);

  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    for (const table of tables) {
      const empty = [...table.tBodies[0].rows].every((row) => row.hidden);
      const heading = headings.findLast((one) => one.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING);
      table.hidden = heading.hidden = empty;
    }
  };

  box.closest("label").hidden = false;
  box.value = address.searchParams.get("q") ?? "";
  box.addEventListener("input", filter);
  filter();
}
