// The fonts that texts are drawn with: those that came with this program, and no others, so that every machine draws alike.

import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

/** Its file in the folder of a job; libass asks fontconfig for letters that a font lacks, and that reads it. */
export const FONTS_CONFIG = "fonts.conf"

export type Fonts = {
  /** Names the fonts by their bytes. */
  readonly digest: string
  /** Letters of Chinese, Japanese and Korean can be drawn. */
  readonly hasIdeographs: boolean
  readonly config: string
}

/** Folders of the fonts: beside this file; and the first wheel that set-up installed, since one font of ideographs has 16 MB. */
export const fontFolders = (packageFolder: string, vendorFolders: readonly string[]): readonly string[] => [
  join(packageFolder, "src/picture/review/fonts"),
  ...vendorFolders
    .map((folder) => join(folder, IDEOGRAPHS))
    .filter((folder) => existsSync(folder))
    .slice(0, 1),
]

const IDEOGRAPHS = "noto_cjk_sans_jp_regular"

export async function openFonts(folders: readonly string[]): Promise<Fonts> {
  const hash = createHash("sha256")
  let hasIdeographs = false
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => [])
    for (const name of names.filter((name) => /\.(ttf|otf)$/.test(name)).sort()) {
      hash.update(name).update(await readFile(join(folder, name)))
      hasIdeographs ||= folder.endsWith(IDEOGRAPHS)
    }
  }
  return { digest: hash.digest("hex").slice(0, 16), hasIdeographs, config: configOf(folders) }
}

/** From here on all scripts of East Asia are; a few in front of it are drawn by other fonts, or by none. */
const FIRST_IDEOGRAPH = 0x2e80
const LAST_OF_OTHERS = 0xfb1c

export const needsIdeographs = (text: string): boolean =>
  [...text].some((letter) => {
    const code = letter.codePointAt(0) ?? 0
    return code >= FIRST_IDEOGRAPH && (code <= LAST_OF_OTHERS || code > 0xfeff) && code !== 0xfffd
  })

/** Fonts of scripts that several have, in the order in which they are asked. */
const ORDER = ["Noto Sans", "Noto Naskh Arabic", "Noto Sans Hebrew", "Noto Sans CJK JP"]

const configOf = (folders: readonly string[]): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${folders.map((folder) => `<dir>${inXml(folder)}</dir>`).join("\n")}
<cachedir prefix="cwd">fonts</cachedir>
<match target="pattern"><edit name="family" mode="append_last" binding="weak">
${ORDER.map((family) => `<string>${family}</string>`).join("\n")}
</edit></match>
</fontconfig>
`

const inXml = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.codePointAt(0)};`)
