/* Beside each number that can be called: 复制 for a mouse, 拨打 for a finger. Without this script it is a link. */
"use strict";

const told = document.getElementById("copied");
const hasMouse = matchMedia("(pointer: fine)").matches;

for (const link of document.querySelectorAll('main .point > a[href^="tel:"]')) {
  if (hasMouse) {
    link.after(copyButton(link, link.textContent));
  } else {
    link.prepend(`${told.dataset.dial} `);
  }
}

function copyButton(link, number) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = told.dataset.copy;
  button.setAttribute("aria-label", `${told.dataset.copy} ${number}`);
  button.addEventListener("click", async () => {
    const isCopied = await copied(link, number);
    told.textContent = `${isCopied ? told.dataset.done : told.dataset.selected} ${number}`;
    button.textContent = isCopied ? told.dataset.done : told.dataset.copy;
  });
  return button;
}

/* The clipboard is there on https alone; else the number is selected, which an older way copies. */
async function copied(link, number) {
  try {
    await navigator.clipboard.writeText(number);
    return true;
  } catch {
    getSelection().selectAllChildren(link);
    return document.execCommand("copy");
  }
}
