// The whole line of a call leads to its page; the link in it stays for the keyboard.
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr.linked");
  if (!row || event.target.closest("a, button, input") || String(getSelection())) return;
  const link = row.querySelector("a").href;
  if (event.ctrlKey || event.metaKey) window.open(link, "_blank", "noopener");
  else location.assign(link);
});
