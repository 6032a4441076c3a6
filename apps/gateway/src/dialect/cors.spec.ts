import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allowOrigin, answerPreflight, originsOf, type Origins } from './cors';

test.each<[string, unknown]>([
  ['*', '*'],
  ['off', new Set()],
  ['https://shop.example', new Set(['https://shop.example'])],
  ['https://a.example, http://localhost:3000', new Set(['https://a.example', 'http://localhost:3000'])],
  ['', undefined],
  ['*,https://a.example', undefined],
  ['shop.example', undefined],
  ['https://shop.example/', undefined],
  ['https://shop.example/path', undefined],
  ['https://shop.example:443', undefined],
  ['HTTPS://SHOP.example', undefined],
  ['ftp://shop.example', undefined],
])('the setting %p means %p', (text, expected) => {
  expect(originsOf(text)).toEqual(expected);
});

describe('an answer', () => {
  const cors = { headers: ['app_id', 'access-token', 'content-type'] };

  async function headersFor(
    origins: Origins,
    method: string,
    origin: string,
  ): Promise<Record<string, string | number | undefined>> {
    const server = createServer((request, response) => {
      allowOrigin(origins, request, response);
      if (method === 'OPTIONS') answerPreflight(cors, response);
      else response.end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      method,
      headers: { origin },
    });
    server.closeAllConnections();
    server.close();
    return { ...Object.fromEntries(response.headers), status: response.status };
  }
  const allowed = 'access-control-allow-origin';
  const list = new Set(['https://shop.example']);

  test('may be read by every page, or by pages of the listed origins, or by none', async () => {
    expect(await headersFor('*', 'GET', 'https://any.example')).toMatchObject({ [allowed]: '*', status: 200 });
    expect(await headersFor(list, 'GET', 'https://shop.example')).toMatchObject({
      [allowed]: 'https://shop.example',
      vary: 'Origin',
    });
    const other = await headersFor(list, 'GET', 'https://any.example');
    expect([other[allowed], other.vary]).toEqual([undefined, 'Origin']);
    const off = await headersFor(new Set(), 'GET', 'https://any.example');
    expect([off[allowed], off.vary]).toEqual([undefined, undefined]);
  });

  test('to a preflight lists methods and headers by name, for allowed origins only', async () => {
    expect(await headersFor('*', 'OPTIONS', 'https://any.example')).toMatchObject({
      ...{ status: 204, [allowed]: '*' },
      'access-control-allow-methods': 'GET, POST, PUT, DELETE',
      'access-control-allow-headers': 'app_id, access-token, content-type',
      'access-control-max-age': '7200',
    });
    const other = await headersFor(list, 'OPTIONS', 'https://any.example');
    expect([other.status, other['access-control-allow-headers']]).toEqual([204, undefined]);
  });
});
