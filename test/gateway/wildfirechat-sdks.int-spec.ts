import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { send } from './http';

interface Call {
  readonly source: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** The whole answer, with 0 for what differs from run to run. */
  readonly answer: string;
}

/** An answer with 0 for times of joining and for generated ids of groups. */
const steady = (text: string): string =>
  text.replace(/"createDt":\d{13}/g, '"createDt":0').replace(/"group_id":"\d{10,16}"/, '"group_id":"0"');

describe('what the SDKs of WildfireChat send, byte for byte', () => {
  let url: string;

  beforeAll(async () => {
    url = (await sharedService()).gateway.url;
    await newTenant('recordedWildfire');
  }, FIRST_START_MS);

  test.each(['wildfirechat-server-sdk-js-1.0.1', 'wildfirechat-sdk-java'])(
    'every recorded call of %s has the answer that it read',
    async (name) => {
      const file = readFileSync(join(__dirname, `recorded/${name}.json`), 'utf8');
      const { calls } = JSON.parse(file) as { calls: readonly Call[] };
      for (const { source, method, path, headers, body, answer } of calls) {
        const { status, text, headers: answered } = await send(`${url}${path}`, method, headers, body);
        expect([source, status, steady(text)]).toEqual([source, 200, answer]);
        expect(answered['content-length']).toBe(String(Buffer.byteLength(text)));
        expect(answered['content-type']).toBe('application/json; charset=utf-8');
        expect([answered['transfer-encoding'], answered['content-encoding']]).toEqual([undefined, undefined]);
      }
    },
  );
});
