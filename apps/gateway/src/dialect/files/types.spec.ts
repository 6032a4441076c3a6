import { begun, imageType, mediaType, mustBeAsDeclared, mustBeImage, sentType } from './types';

async function* parts(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text, 'latin1');
  await Promise.resolve();
}
const texts = async (bytes: AsyncIterable<Uint8Array>) => {
  let all = '';
  for await (const part of bytes) all += Buffer.from(part).toString('latin1');
  return all;
};

test.each([
  ['\x89PNG\r\n\x1a\nrest', 'image/png'],
  ['\xff\xd8\xff\xe0', 'image/jpeg'],
  ['GIF87a', 'image/gif'],
  ['GIF89a...', 'image/gif'],
  ['RIFF\x00\x01\x02\x03WEBPVP8 ', 'image/webp'],
  ['RIFF\x00\x01\x02\x03WAVE', undefined],
  ['RIFF', undefined],
  ['\x89PN', undefined],
  ['<svg xmlns=', undefined],
  ['', undefined],
])('bytes that begin with %j are of the type %s', (bytes, type) => {
  expect(imageType(Buffer.from(bytes, 'latin1'))).toBe(type);
});

test('the type is found in parts of any size, and all bytes can still be read', async () => {
  for (const given of [['GIF89a and more'], ['G', 'I', 'F', '8', '9', 'a and', ' more'], ['GIF89a', ' and more']]) {
    const { image, bytes } = await begun(parts(...given));
    expect([image, await texts(bytes)]).toEqual(['image/gif', 'GIF89a and more']);
  }
  const { image, bytes } = await begun(parts());
  expect([image, await texts(bytes)]).toEqual([undefined, '']);
});

test('a source that fails after its beginning fails the reader', async () => {
  async function* failing() {
    yield Buffer.from('GIF89a and more');
    await Promise.resolve();
    throw new Error('cut');
  }
  const { bytes } = await begun(failing());
  await expect(texts(bytes)).rejects.toThrow('cut');
});

test.each([
  ['text/plain; charset=utf-8', 'text/plain'],
  ['IMAGE/PNG', 'image/png'],
  ['', 'application/octet-stream'],
  ['nonsense', 'application/octet-stream'],
  ['a/b\r\nX: y', 'application/octet-stream'],
])('the declared type %j is stored as %s', (declared, stored) => {
  expect(mediaType(declared)).toBe(stored);
});

test.each([
  ['image/png', 'image/png'],
  ['application/pdf', 'application/pdf'],
  ['text/plain', 'text/plain'],
  ['text/html', 'application/octet-stream'],
  ['image/svg+xml', 'application/octet-stream'],
  ['application/javascript', 'application/octet-stream'],
  ['application/xhtml+xml', 'application/octet-stream'],
  ['text/plain\r\nSet-Cookie: x', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('a file of the stored type %j is sent as %s', (stored, sent) => {
  expect(sentType(stored)).toBe(sent);
});

test('a file that is declared as an image must be one, and an avatar must be an image', () => {
  const refused = { code: 'FILE_TYPE_REFUSED' };
  const failing = (does: () => void): unknown => {
    try {
      does();
      return undefined;
    } catch (error) {
      return error;
    }
  };
  expect(failing(() => mustBeAsDeclared('image/png', 'image/png'))).toBeUndefined();
  expect(failing(() => mustBeAsDeclared('application/pdf', 'image/png'))).toBeUndefined();
  expect(failing(() => mustBeAsDeclared('image/png', 'image/gif'))).toMatchObject(refused);
  expect(failing(() => mustBeAsDeclared('image/png', undefined))).toMatchObject(refused);
  expect(failing(() => mustBeImage('image/webp'))).toBeUndefined();
  expect(failing(() => mustBeImage(undefined))).toMatchObject(refused);
});
