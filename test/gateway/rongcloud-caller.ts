import { signed, type Credentials } from '../support/rongcloud';
import { send, type Answer } from './http';

export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** A form in the encoding of RongCloud's SDKs. */
export const encode = (fields: Fields) =>
  Object.entries(fields)
    .flatMap(([field, value]) => [value].flat().map((one) => `${encodeURIComponent(field)}=${encodeURIComponent(one)}`))
    .join('&');

export const users = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `u${from + i}`);

/** The answer is exactly this text, as JSON, with its length in a header. */
export function expectJson({ status, headers, text }: Answer, expectedStatus: number, expected: string): void {
  expect({ status, text }).toEqual({ status: expectedStatus, text: expected });
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['content-length']).toBe(String(Buffer.byteLength(expected)));
  expect(headers['transfer-encoding']).toBeUndefined();
}
export const expectDone = (answer: Answer): void => expectJson(answer, 200, '{"code":200}');
export const expectError = (answer: Answer, status: number, code: number, errorMessage: string): void =>
  expectJson(answer, status, JSON.stringify({ code, errorMessage }));

/** A server of one tenant's that calls RongCloud's API. */
export class RongCloudCaller {
  constructor(
    readonly url: string,
    readonly credentials: Credentials,
  ) {}

  post(path: string, fields: Fields | string): Promise<Answer> {
    const headers = { ...signed(this.credentials), 'Content-Type': 'application/x-www-form-urlencoded' };
    return send(`${this.url}${path}`, 'POST', headers, typeof fields === 'string' ? fields : encode(fields));
  }

  async membersOf(groupId: string): Promise<string[]> {
    const { status, text } = await this.post('/group/user/query.json', { groupId });
    expect(status).toBe(200);
    const { code, users } = JSON.parse(text) as { code: number; users: { id: string }[] };
    expect(code).toBe(200);
    return users.map(({ id }) => id);
  }

  /** The names of the user's groups, by their ids. */
  async groupsOf(userId: string): Promise<Record<string, string>> {
    const { status, text } = await this.post('/user/group/query.json', { userId });
    expect(status).toBe(200);
    const { groups } = JSON.parse(text) as { groups: { id: string; name: string }[] };
    return Object.fromEntries(groups.map(({ id, name }) => [id, name]));
  }
}
