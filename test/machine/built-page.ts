import { buildPage } from "../../scripts/build-page.ts"

/** Before any test: the page of the contact sheet as its sources are now, whatever was built before. */
export const setup = buildPage
