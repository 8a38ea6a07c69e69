// Links from page to page, heard before Streamlit hears of them: Python empties this page first, then opens the other,
// and is told once that one is seen.

export default function ({ data, setTriggerValue }) {
  if (data.opened) setTriggerValue("seen", data.opened);
  const follow = (event) => {
    const link = linkElsewhere(event);
    if (!link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    setTriggerValue("page", link.pathname);
  };
  document.addEventListener("click", follow, { capture: true });
  return () => document.removeEventListener("click", follow, { capture: true });
}

// One to another page as it stands there, which has no query, to be opened in this tab.
function linkElsewhere(event) {
  const link = event.composedPath()[0]?.closest?.("a[href]");
  const elsewhere = link && link.origin === location.origin && link.pathname !== location.pathname && !link.search;
  const here = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link?.target === "_blank" || link?.hasAttribute("download"));
  return elsewhere && here ? link : null;
}
