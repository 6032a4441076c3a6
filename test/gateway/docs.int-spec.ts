import { rongcloud } from '../../apps/gateway/src/dialects/rongcloud/dialect';
import { FIRST_START_MS, sharedService } from '../support/service';

/** The documents that the gateway serves as it was built. */
describe('/docs', () => {
  let url: string;
  beforeAll(async () => {
    url = (await sharedService()).gateway.url;
  }, FIRST_START_MS);

  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  test.each(['/docs', '/docs/'])('the page at %s loads only files of the gateway', async (path) => {
    const page = await get(path);
    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8']);
    const links = [...page.text.matchAll(/\s(?:src|href)\s*=\s*["']([^"']*)["']/g)].map(([, link]) => link!);
    const files = links.filter((link) => !link.startsWith('#'));
    expect(files.length).toBeGreaterThanOrEqual(5);
    for (const file of files) {
      expect(file).toMatch(/^\.\//);
      const asset = new URL(file, `${url}${path}`);
      expect(asset.origin).toBe(url);
      expect(await get(asset.pathname)).toMatchObject({ status: 200 });
    }
    // No address of any other host, but for the names of XML namespaces.
    const addresses = [...page.text.matchAll(/https?:\/\/[^"'\s<)]+/g)].map(([address]) => address);
    expect([...new Set(addresses)].filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([]);
  });

  test('its script and styles name no other host', async () => {
    const script = await get('/docs/swagger-ui-init.js');
    expect(script.status).toBe(200);
    expect(script.text).toContain('"validatorUrl": "none"');
    // The examples of the operations have addresses, of a host that is reserved for examples. Nothing loads them.
    const hosts = [...script.text.matchAll(/(?:https?:)?\/\/([a-z0-9.-]+)/gi)].map(([, host]) => host!);
    expect(hosts.filter((host) => host !== 'example.org')).toEqual([]);
    const styles = await get('/docs/swagger-ui.css');
    const loaded = [...styles.text.matchAll(/url\(["']?([^)"']*)|@import\s+["']([^"']*)/g)].map((m) => m[1] ?? m[2]!);
    expect(loaded.filter((address) => !address.startsWith('data:') && !address.startsWith('#'))).toEqual([]);
  });

  test('the document is the same as JSON and in the page, with the operations of RongCloud', async () => {
    const { status, type, text } = await get('/docs-json');
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    const document = JSON.parse(text) as { openapi: string; paths: Record<string, unknown> };
    expect(document.openapi).toBe('3.0.3');
    const paths = new Set(rongcloud.operations.map(({ path }) => path));
    expect(Object.keys(document.paths).filter((path) => path.endsWith('.json'))).toEqual([...paths]);
    const script = (await get('/docs/swagger-ui-init.js')).text;
    const options = /let options = (\{[^]*?\n\});/.exec(script)![1]!;
    expect((JSON.parse(options) as { swaggerDoc: unknown }).swaggerDoc).toEqual(document);
  });

  test('requests of the page are counted in metrics under their route', async () => {
    await get('/docs-json');
    expect((await get('/metrics')).text).toMatch(
      /cohort_http_duration_seconds_count\{http="GET \/docs-json",outcome="200"\} [0-9]+/,
    );
  });
});
