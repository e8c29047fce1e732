/**
 * Where the .avsc files are: beside src/ in a checkout, beside dist/ in the package. A file of its own, because the library's
 * types must not name URL: a consumer whose project has neither the browser's types nor Node's could not compile them.
 */
export const schemasFolder = (): URL => {
  const here = new URL("../../schemas/", import.meta.url)
  return import.meta.url.endsWith(".ts") ? here : new URL("../../../schemas/", import.meta.url)
}
