/* What pages do beyond links, forms and htmx: copy buttons, menus, local times, calm refreshing. */

const copyText = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

const copyFor = async (button) => {
  await copyText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 2000);
};
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) void copyFor(button);
});

/* A menu closes when the click or the focus goes elsewhere, or on Escape. */
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
});

/* A checkbox of the filter takes effect at once; without this script the button does it. */
document.addEventListener("change", (event) => {
  if (event.target.matches("form.search [type=checkbox]")) event.target.form.requestSubmit();
});

/* On a phone the bar of sections scrolls: the one that is open is in view. */
document.querySelector(".top > nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

/* Instants in the reader's own time zone, which only the browser knows. */
const localText = new Intl.DateTimeFormat("sv-SE", {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const localTimes = () => {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const text = localText.format(new Date(time.dateTime));
    const { show } = time.dataset;
    if (show === undefined || show === "clock") time.title = text;
    if (show === "absolute") time.textContent = text;
    if (show === "clock") time.textContent = text.slice(11, 16);
  }
};
localTimes();

/* What the reader has opened stays open when its region is refreshed. */
window.htmx?.registerExtension("keep-open", {
  htmx_before_morph_attr: (element, change) => !(element.tagName === "DETAILS" && change.attrName === "open"),
});
/* A refresh that fails says so and is tried again; without a session the page asks to sign in. */
const stale = (isStale) => document.documentElement.toggleAttribute("data-stale", isStale);
document.addEventListener("htmx:error", () => stale(true));
document.addEventListener("htmx:response:error", (event) => {
  const { status } = event.detail.ctx.response;
  if (status === 401 || status === 404) location.reload();
  else stale(true);
});
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.response?.status < 400) stale(false);
  localTimes();
});
