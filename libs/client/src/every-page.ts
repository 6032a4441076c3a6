/**
 * The pages of a list, in order, each asked for when the one before was taken. `ask` gets the cursor of the previous page, and
 * undefined for the first.
 */
export async function* pagesOf<Page extends { readonly cursor?: string }>(
  ask: (cursor?: string) => Promise<Page>,
): AsyncGenerator<Page, void> {
  let page = await ask();
  yield page;
  while (page.cursor !== undefined) {
    page = await ask(page.cursor);
    yield page;
  }
}

/** Reads all pages of a list, as `pagesOf` asks for them. */
export async function everyPage<Page extends { readonly cursor?: string }>(
  ask: (cursor?: string) => Promise<Page>,
): Promise<[Page, ...Page[]]> {
  const pages: Page[] = [];
  for await (const page of pagesOf(ask)) pages.push(page);
  // A list has at least one page.
  return pages as [Page, ...Page[]];
}
