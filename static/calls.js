// Selects rows and counts them. Without this script the link loads the page anew with all of its rows selected.

const bar = document.getElementById("selection");

if (bar) {
  const texts = bar.dataset;
  const boxes = [...bar.closest("form").elements].filter(({ type }) => type === "checkbox");
  const link = bar.querySelector("a");
  const button = document.createElement("button");
  button.type = "button";
  button.className = link.className;
  link.replaceWith(button);

  const selected = () => boxes.filter((box) => box.checked).length;

  function tell() {
    button.textContent = selected() === boxes.length ? texts.textNone : texts.textAll;
    bar.querySelector("[role=status]").textContent = selected() ? `${texts.textCount} ${selected()}` : "";
  }

  button.addEventListener("click", () => {
    const all = selected() < boxes.length;
    for (const box of boxes) box.checked = all;
    tell();
  });
  bar.closest("form").addEventListener("change", tell);
  window.addEventListener("pageshow", tell); // Whoever comes back finds selected what he had selected.
  tell();
}
