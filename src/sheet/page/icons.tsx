const PATHS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  back: "M17 5v14l-9-7zM6 5h2v14H6z",
  forward: "M7 5v14l9-7zM16 5h2v14h-2z",
  full: "M4 9V4h5v2H6v3zM15 4h5v5h-2V6h-3zM4 15h2v3h3v2H4zM18 15h2v5h-5v-2h3z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6 10.6 12 5 6.4z",
  copy: "M8 3h11v13h-2V5H8zM5 7h10v14H5zM7 9v10h6V9z",
  save: "M11 3h2v9l3.600-3.600L18 9.800l-6 6-6-6 1.400-1.400L11 12zM4 18h16v2H4z",
  in: "M5 4h6v2H7v12h4v2H5zM13 8l4 4-4 4z",
  out: "M19 4h-6v2h4v12h-4v2h6zM11 8l-4 4 4 4z",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18v-2a7 7 0 0 0 0-14z",
  print: "M7 3h10v4H7zM4 8h16v9h-3v4H7v-4H4zM9 14v5h6v-5z",
  info: "M11 7h2v2h-2zM11 11h2v6h-2zM12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14z",
  sound: "M4 9v6h4l5 4V5L8 9zM15 8.5v7a4 4 0 0 0 0-7z",
  silent: "M4 9v6h4l5 4V5L8 9zM15.5 9.5l5 5M20.500 9.5l-5 5",
} as const

export type IconName = keyof typeof PATHS

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg viewBox="0 0 24 24" aria-hidden="true" class={name === "silent" ? "icon lines" : "icon"}>
    <path d={PATHS[name]} />
  </svg>
)

type IconButtonProps = {
  readonly icon: IconName
  /** Read out, and shown when the pointer rests on it. */
  readonly label: string
  readonly onClick: () => void
  readonly pressed?: boolean
}

export const IconButton = ({ icon, label, onClick, pressed }: IconButtonProps) => (
  <button type="button" class="plain" aria-label={label} title={label} aria-pressed={pressed} onClick={onClick}>
    <Icon name={icon} />
  </button>
)
