// What every page hears before Streamlit does. Links from page to page: Python empties this page first, then opens the
// other, and is told once that one is seen. And what is typed: half a character (one of two surrogates) becomes U+FFFD,
// for Streamlit (1.67) sends it as it is, cannot read it, and would go on sending it until the page is loaded anew.
// And where the browser went back to.

let arrived = ""; // the address that one went back or forward to last, while one is still there

export default function ({ data, setTriggerValue }) {
  if (data.opened) setTriggerValue("seen", data.opened);
  const follow = (event) => {
    const link = linkElsewhere(event);
    if (!link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    setTriggerValue("page", link.pathname);
  };
  const heard = { click: follow, input: mend };
  for (const [type, hear] of Object.entries(heard)) document.addEventListener(type, hear, { capture: true });
  keepForward();
  return () => {
    for (const [type, hear] of Object.entries(heard)) document.removeEventListener(type, hear, { capture: true });
  };
}

// Of who goes back twice at once Streamlit (1.67) writes the words of the page between behind the other page's name, and
// then the other's as a new entry, so that nothing leads forward any more. Stays for good: it is asked at every page.
function keepForward() {
  if (Object.hasOwn(window.history, "pushState")) return;
  window.addEventListener("popstate", () => { arrived = location.href; });
  window.history.pushState = (...entry) => {
    const again = new URL(entry[2], location.href).href === arrived;
    if (!again) arrived = "";
    window.History.prototype[again ? "replaceState" : "pushState"].apply(window.history, entry);
  };
}

function mend(event) {
  const field = event.composedPath()[0];
  if (field?.value?.isWellFormed?.() !== false) return;
  // By the prototype's own setter: React puts one of its own before it, and takes what that was given for known.
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, field.value.toWellFormed());
}

// One to another page as it stands there, which has no query, to be opened in this tab.
function linkElsewhere(event) {
  const link = event.composedPath()[0]?.closest?.("a[href]");
  const elsewhere = link && link.origin === location.origin && link.pathname !== location.pathname && !link.search;
  const here = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link?.target === "_blank" || link?.hasAttribute("download"));
  return elsewhere && here ? link : null;
}
