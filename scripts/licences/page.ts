/** Writes docs/licences.md. */

import { COMPONENTS, type Component, type NpmPackage, npmPackages } from "./licences.ts"

const REACHES: Readonly<Record<Component["reach"], string>> = {
  package: "in this package",
  wheel: "wheel, fetched by the set-up",
  compiled: "source, compiled by the set-up",
  system: "the system's package",
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

const componentRow = ({ name, version, licence, reach, use, packages }: Component): readonly string[] => {
  const how =
    packages === undefined ? REACHES[reach] : `${REACHES[reach]} ${packages.map((one) => `\`${one}\``).join(", ")}`
  return [version === null ? name : `${name} ${version}`, licence, how, use]
}

/** One line a licence: 160 packages by their names say little else. */
function npmRows(packages: readonly NpmPackage[]): readonly (readonly string[])[] {
  const byLicence = Map.groupBy(packages, ({ licence }) => licence ?? "none stated")
  return [...byLicence]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([licence, those]) => [licence, those.map(({ name, version }) => `${name} ${version}`).join(", ")])
}

export const licencesPage = (): string => `# Licences

<!-- Written by scripts/licences from package-lock.json and scripts/licences/components.json:
     vitest run scripts/licences -u. Change those, not this page. -->

The project itself is Apache-2.0 ([LICENSE](../LICENSE)); [NOTICE](../NOTICE) says in short what stands here. The sample frames
have licences of their own: [samples/README.md](../samples/README.md). Your frames, and what is made of them, are yours:
no licence below says anything about what the programs put out.

## What using it asks of you

Nothing. All parts are free software, and using them, in a company and for money too, puts you under no obligation.

## What handing it on asks of you

The npm package holds our own code, three fonts, and npm packages under permissive licences that are bundled into the command, whose
texts stand in \`dist/src/cli/bin-LICENCES.txt\`. All else is fetched on each machine from the registries, so that the package hands on
none of it. **An image does**: whoever gives a container image, a disk image or a copy of
an installation to somebody else hands on everything in the tables below, and has to

- offer the complete source of what is under the **GPL**, for the versions in the image: the \`ffmpeg\` program (GPL 3 or later, with
  x264, x265 and the other libraries compiled into it), x264 (GPL 2 or later) and Debian's util-linux. The native library of an
  image is linked with x264, so that the native library as a whole is then under the GPL; our part of it stays Apache-2.0,
  which is compatible with version 3 of the GPL, not with version 2: the combination is under version 3;
- offer the source of **libvips** (LGPL 3 or later, inside \`@img/sharp-libvips-*\`) and let people replace it: it is a shared library
  of its own there, which they can;
- keep the licence texts: they lie in \`node_modules/*/LICENSE*\`, \`vendor/*.dist-info/licenses\`, \`vendor/native/openexr\` and
  Debian's \`/usr/share/doc/*/copyright\`; do not strip them from the image;
- keep the fonts' names and their licence (**OFL 1.1**: they may not be sold by themselves).

Keeping an image within one company hands nothing on. To have no GPL part at all, leave out x264 and the wheel of ffmpeg: then
no proxy, movie or review copy can be made, only thumbnails.

H.264 and AAC are covered by patents in some countries; no licence here grants a right to those. Ask your counsel where you distribute
encoders.

## Packages from npm

${table(["licence", "packages"], npmRows(npmPackages()))}

Those for other platforms than yours are listed, too; only yours are installed.

## All else

${table(["part", "licence", "how it comes to a machine", "what for"], COMPONENTS.map(componentRow))}

The servers that docker-compose.yml starts (Kafka, Apicurio Registry, Versity Gateway, Trino) are Apache-2.0 and come from their makers'
own images.

## As a file

\`npm run --silent sbom\` writes a software bill of materials (CycloneDX 1.5, JSON); the package and the image hold it as
\`dist/sbom.cdx.json\`. What Debian adds to an image is named by the image's own \`dpkg\`, which scanners read.
`
