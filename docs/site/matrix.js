// The matrix of names and ports: filters, sorting, and what fails on the reader's targets. The address says the same as
// the boxes, so that it can be shared: matrix.html?targets=esp32>=1.20,rp2&q=send&of=socket&fails=1&sort=rp2
const matrix = document.getElementById("matrix");
if (matrix) startMatrix(matrix);

function startMatrix(table) {
  const releases = table.dataset.releases.split(" ");
  const newest = releases.length - 1;
  const heads = [...table.tHead.rows[0].cells];
  const ports = Object.fromEntries(heads.filter((head) => head.dataset.port).map((head) => [head.dataset.port, head]));
  const aliases = { portable: ["docs", "esp32", "esp8266", "rp2", "stm32"], all: Object.keys(ports).filter((port) => !("board" in ports[port].dataset)) };
  const details = JSON.parse(document.getElementById("matrix-details").textContent);
  const rows = [...table.tBodies[0].rows];
  const original = new Map(rows.map((row, place) => [row, place]));
  const controls = makeControls();
  let sorted = { column: -1, down: false };

  // A release as the linter reads it: the last one known that is not after it.
  function release(word) {
    const wanted = /^v?(\d+)\.(\d+)(?:\.(\d+))?$/i.exec(word)?.slice(1).map((part) => Number(part ?? 0));
    if (!wanted) throw new Error(`unknown release “${word}”`);
    const after = (name) => {
      const parts = name.split(".").map(Number);
      for (let place = 0; place < 3; place++) {
        const difference = (parts[place] ?? 0) - wanted[place];
        if (difference) return difference > 0;
      }
      return false;
    };
    const found = releases.findLastIndex((name) => !after(name));
    const last = releases.at(-1).split(".").map(Number);
    if (found < 0 || wanted[0] > last[0] || wanted[1] > last[1]) throw new Error(`unknown release “${word}”`);
    return found;
  }

  // The releases of each port that the words name, as bits.
  function parseTargets(text) {
    const found = new Map();
    const add = (port, bits) => found.set(port, (found.get(port) ?? 0) | bits);
    for (const word of text.split(",").map((one) => one.trim()).filter(Boolean)) {
      const form = /^([a-z][\w-]*)\s*(?:(==|>=)\s*(\S+))?$/i.exec(word);
      const port = form?.[1].toLowerCase();
      if (!form || !(port in ports || port in aliases)) throw new Error(`“${word}” is no target`);
      if (!form[2]) (aliases[port] ?? [port]).forEach((one) => add(one, 1 << newest));
      else if (port in aliases || port === "docs") throw new Error(`${port} takes no release`);
      else {
        const since = release(form[3]);
        const bits = form[2] === "==" ? 1 << since : ((1 << releases.length) - 1) & ~((1 << since) - 1);
        if (!(bits & parseInt(ports[port].dataset.has, 16))) throw new Error(`${port} had no sockets then`);
        add(port, bits);
      }
    }
    return found;
  }

  function makeControls() {
    const form = document.createElement("form");
    form.className = "matrix-controls";
    form.innerHTML = `
      <label>My targets <input name="targets" placeholder="esp32>=1.20, rp2" autocomplete="off" spellcheck="false"></label>
      <label>Name <input name="q" type="search" autocomplete="off" spellcheck="false"></label>
      <label>Of <select name="of"><option value="">whatever some port has</option>
        <option value="module">the socket module</option><option value="socket">sockets</option>
        <option value="tls">TLS sockets</option><option value="errno">errno</option>
        <option value="nowhere">CPython, and no port</option><option value="all">everything</option></select></label>
      <label class="check"><input name="fails" type="checkbox"> only what fails on my targets</label>
      <output></output>`;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => show(true));
    table.parentElement.before(form);
    return form;
  }

  const value = (name) => controls.elements[name];

  function readAddress() {
    const hash = location.hash.startsWith("#?") ? location.hash.slice(1) : "";
    const address = new URLSearchParams(location.search || hash);
    for (const name of ["targets", "q", "of"]) value(name).value = address.get(name) ?? "";
    value("fails").checked = address.has("fails");
    const [port, down] = (address.get("sort") ?? "").split(" ");
    sorted = { column: heads.findIndex((head) => head.firstChild.textContent === port), down: down === "down" };
  }

  function writeAddress() {
    const address = new URLSearchParams();
    for (const name of ["targets", "q", "of"]) if (value(name).value) address.set(name, value(name).value);
    if (value("fails").checked) address.set("fails", "1");
    if (sorted.column >= 0) address.set("sort", heads[sorted.column].textContent + (sorted.down ? " down" : ""));
    const text = address.toString().replaceAll("%3E%3D", ">=").replaceAll("%3D%3D", "==").replaceAll("%2C", ",");
    history.replaceState(null, "", `${location.pathname}${text && "?"}${text}`);
  }

  function show(changed) {
    let targets = new Map();
    let problem = "";
    try {
      targets = parseTargets(value("targets").value);
    } catch (error) {
      problem = error.message;
    }
    for (const [port, head] of Object.entries(ports)) head.classList.toggle("target", targets.has(port));
    let shown = 0;
    let failing = 0;
    for (const row of rows) {
      const fails = mark(row, targets);
      row.hidden = !wanted(row) || (value("fails").checked && targets.size > 0 && !fails);
      shown += !row.hidden;
      failing += !row.hidden && fails;
    }
    const count = `${shown} name${shown === 1 ? "" : "s"}`;
    const verdict = targets.size ? `${count}, ${failing} of them missing on your targets` : count;
    controls.querySelector("output").textContent = problem || verdict;
    value("targets").setAttribute("aria-invalid", String(Boolean(problem)));
    if (changed && !problem) writeAddress();
  }

  // Whether the name is missing at some release of the targets; its cells that are get a class.
  function mark(row, targets) {
    let fails = false;
    heads.forEach((head, column) => {
      const cell = row.cells[column];
      const missing = parseInt(cell.dataset.missing ?? "0", 16) & (targets.get(head.dataset.port) ?? 0);
      cell.classList.toggle("fails", missing !== 0);
      fails ||= missing !== 0;
    });
    row.classList.toggle("failing", fails);
    return fails;
  }

  function wanted(row) {
    const words = value("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    const name = row.cells[0].textContent.toLowerCase();
    if (!words.every((word) => name.includes(word))) return false;
    const of = value("of").value;
    const nowhere = row.classList.contains("nowhere");
    if (of === "" || of === "nowhere") return nowhere === (of === "nowhere") || (of === "" && words.length > 0);
    return of === "all" || (row.dataset.owner === of && !nowhere);
  }

  // Sorting: by name as text, by a port as "always" before the releases before "never".
  function rank(row, column) {
    const cell = row.cells[column];
    if (column < 2) return cell.textContent.toLowerCase();
    const order = ["yes", "promised", "open", "since", "until", "not", "denied", "no", "unknown"];
    const place = String(order.indexOf(cell.classList[0])).padStart(2, "0");
    const since = releases.indexOf(cell.textContent.replace(/^since |\*$/g, ""));
    return place + String(since + 1).padStart(2, "0");
  }

  function sort() {
    const { column, down } = sorted;
    const keys = column < 0 ? original : new Map(rows.map((row) => [row, rank(row, column)]));
    const compare = (a, b) => (keys.get(a) < keys.get(b) ? -1 : keys.get(a) > keys.get(b) ? 1 : original.get(a) - original.get(b));
    rows.sort((a, b) => (down ? compare(b, a) : compare(a, b)));
    table.tBodies[0].append(...rows);
    heads.forEach((head, place) => {
      head.ariaSort = place !== column ? null : down ? "descending" : "ascending";
    });
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      const again = sorted.column === column;
      sorted = again && sorted.down ? { column: -1, down: false } : { column, down: again };
      sort();
      writeAddress();
    });
    head.replaceChildren(button);
  });

  // A cell tells more when it is clicked: each release, calls, values and the source. A name tells it of every port.
  const panel = document.createElement("div");
  panel.className = "matrix-detail";
  panel.setAttribute("role", "status");
  panel.hidden = true;
  table.parentElement.after(panel);

  function element(name, text, ...children) {
    const made = document.createElement(name);
    made.textContent = text;
    made.append(...children);
    return made;
  }

  function strip(cell) {
    const missing = parseInt(cell.dataset.missing, 16);
    const has = parseInt(heads[cell.cellIndex].dataset.has, 16);
    const shown = element("p", "");
    shown.className = "releases";
    releases.forEach((one, place) => {
      if (!((has >> place) & 1)) return;
      const gone = (missing >> place) & 1;
      const mark = element("span", `${gone ? "✗" : "✓"} ${one}`);
      mark.className = gone ? "no" : "yes";
      shown.append(mark, " ");
    });
    return shown;
  }

  function lines(row, port) {
    return details[`${row.dataset.owner} ${row.cells[0].textContent}`]?.[port] ?? [];
  }

  function tell(row, where, ...children) {
    panel.replaceChildren(element("strong", `${row.cells[0].textContent} (${row.cells[1].textContent})${where}`), ...children);
    panel.hidden = false;
  }

  function tellCell(cell) {
    const row = cell.parentElement;
    const { port } = heads[cell.cellIndex].dataset;
    const list = element("ul", "", ...lines(row, port).map((line) => element("li", line)));
    tell(row, ` on ${port}`, strip(cell), list);
  }

  function tellRow(row) {
    const cells = [...row.cells].filter((cell) => cell.dataset.missing);
    const items = cells.map((cell) => {
      const { port } = heads[cell.cellIndex].dataset;
      return element("li", [`${port}: ${cell.textContent}`, ...lines(row, port)].join("; "));
    });
    tell(row, "", element("ul", "", ...items));
  }

  for (const row of rows) {
    const button = element("button", "", ...row.cells[0].childNodes);
    button.type = "button";
    button.addEventListener("click", () => tellRow(row));
    row.cells[0].replaceChildren(button);
  }
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-missing]");
    if (cell) tellCell(cell);
  });

  readAddress();
  sort();
  show(false);
}
