/** All pages of a list, in order: each is asked for with the cursor of the one before, until there is none. */
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
