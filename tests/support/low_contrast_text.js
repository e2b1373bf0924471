// Texts of less contrast with what is behind them than WCAG asks for, one for each kind of element.
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const remembered = (make, known = new Map()) => (key) => {
    if (!known.has(key)) known.set(key, make(key));
    return known.get(key);
  };
  const rgba = remembered((colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  });
  const over = (above, below) => [0, 1, 2].map((one) => above[one] * above[3] + below[one] * (1 - above[3])).concat(1);
  const light = (colour) => {
    const linear = (one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = colour.map((one) => linear(one / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = remembered((element) => {
    const below = element.parentElement ? behind(element.parentElement) : [255, 255, 255, 1];
    return over(rgba(getComputedStyle(element).backgroundColor), below);
  });
  const faint = new Map();
  const walker = document.createTreeWalker(document.querySelector(".md-content"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest("script, .headerlink")) continue;
    const below = behind(element);
    const style = getComputedStyle(element);
    const [red, green, blue, alpha] = rgba(style.color);
    const own = [red, green, blue, alpha * Number(style.opacity)];
    const [one, other] = [light(over(own, below)), light(below)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) {
      faint.set(`${element.localName}.${element.className}`, `${ratio.toFixed(2)}: ${element.textContent.slice(0, 40)}`);
    }
  }
  return [...faint].map((one) => one.join(" "));
}
