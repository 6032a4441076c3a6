/** Reads all pages of a list, in order. `ask` gets the cursor of the previous page, and undefined for the first. */
export async function everyPage<Page extends { readonly cursor?: string }>(
  ask: (cursor?: string) => Promise<Page>,
): Promise<[Page, ...Page[]]> {
  const first = await ask();
  const pages: [Page, ...Page[]] = [first];
  for (let { cursor } = first; cursor !== undefined;) {
    const page = await ask(cursor);
    pages.push(page);
    cursor = page.cursor;
  }
  return pages;
}
