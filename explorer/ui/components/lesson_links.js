// The links in a lesson's text, which lead to parts of the view beside it: Python hears of a click on one. And what a
// step has locked cannot be reached by the keyboard either.

export default function ({ data, setTriggerValue }) {
  const follow = (event) => {
    const link = event.composedPath()[0]?.closest?.("a[data-lesson]");
    if (!link) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    setTriggerValue("target", link.dataset.lesson);
  };
  const refuse = (event) => {
    if (data.locked && event.target.closest?.(data.locked)) event.target.blur();
  };
  document.addEventListener("click", follow, { capture: true });
  document.addEventListener("focusin", refuse);
  return () => {
    document.removeEventListener("click", follow, { capture: true });
    document.removeEventListener("focusin", refuse);
  };
}
