/** Behaviour of the contact sheet: the filter, and each thumbnail as its movie's poster (once in the file, used twice). */
export const PAGE_SCRIPT = `
const items = [...document.querySelectorAll("[data-states]")]
const texts = items.map((item) => item.textContent.toLowerCase())
const box = document.querySelector("#filter")
const buttons = [...document.querySelectorAll("button[data-show]")]
let wanted = "all"
function apply() {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean)
  let shown = 0
  items.forEach((item, index) => {
    const state = wanted === "all" || item.dataset.states.split(" ").includes(wanted)
    item.hidden = !(state && words.every((word) => texts[index].includes(word)))
    shown += item.hidden ? 0 : 1
  })
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("[data-states]:not([hidden])")
  }
  document.querySelector("#shown").textContent = shown === items.length ? "" : shown + " of " + items.length + " shown"
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.show === wanted))
}
box.addEventListener("input", apply)
for (const button of buttons) button.addEventListener("click", () => { wanted = button.dataset.show; apply() })
for (const video of document.querySelectorAll("video")) {
  const thumbnail = video.parentElement.querySelector("img")
  if (thumbnail) video.poster = thumbnail.src
}
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== box) { event.preventDefault(); box.focus() }
})
`
