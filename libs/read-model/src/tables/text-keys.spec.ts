import { existsSync, readFileSync } from 'node:fs';
import { KEY_MADE, KEYS_ERASED, sealText, userKeyStream } from '@cohort/contracts';
import { openWriter, openReader } from '../database';
import { AfterCommit } from '../after-commit';
import { Log, scratch } from '../testing/log';
import { storedText, TEXT_KEYS, TextKeyTable, TextReader } from './text-keys';

const { file, remove } = scratch();
afterAll(remove);

const key = Buffer.alloc(32, 5);
const base64 = key.toString('base64url');
const stream = userKeyStream('demo', 'ann');
const sealed = (number: number) => storedText(sealText('Ann', { keyId: `demo/ann#${number}`, key }, 'g1'));

function open(name: string) {
  const writer = openWriter(file(name));
  writer.exec(TEXT_KEYS.sql);
  const afterCommit = new AfterCommit();
  const table = new TextKeyTable(writer, afterCommit);
  const commit = (...events: Log['events']) => {
    writer.transaction(() => events.forEach((event) => table.apply(event)))();
    afterCommit.run();
    table.clean();
  };
  const reader = openReader(file(name));
  const texts = new TextReader(reader);
  const close = () => [reader, writer].forEach((connection) => connection.close());
  return { commit, texts, reader, close };
}

/** Whether a key is in the file or in the log beside it. */
const isInFiles = (name: string): boolean =>
  ['', '-wal'].some((suffix) => existsSync(file(name) + suffix) && readFileSync(file(name) + suffix).includes(base64));

test('a text opens while its key is there, and is empty before and after', () => {
  const { commit, texts, close } = open('life.db');
  const log = new Log();
  expect(texts.open(sealed(1))).toBe('');
  commit(...log.append(stream, [{ type: KEY_MADE, data: { key: base64 } }]));
  expect(texts.open(sealed(1))).toBe('Ann');
  expect(texts.open(sealed(2))).toBe('');
  commit(...log.append(stream, [{ type: KEYS_ERASED, data: {} }]));
  expect(texts.open(sealed(1))).toBe('');
  commit(...log.append(stream, [{ type: KEY_MADE, data: { key: base64 } }]));
  expect(texts.open(sealed(3))).toBe('Ann');
  expect([texts.open(storedText('plain')), texts.open(null)]).toEqual(['plain', '']);
  close();
});

test('an erased key is in no file any more, once no reader holds the log', () => {
  const { commit, reader, close } = open('erased.db');
  const log = new Log();
  commit(...log.append(stream, [{ type: KEY_MADE, data: { key: base64 } }]));
  expect(isInFiles('erased.db')).toBe(true);
  const reading = reader.prepare('SELECT * FROM text_keys').iterate();
  reading.next();
  commit(...log.append(stream, [{ type: KEYS_ERASED, data: {} }]));
  reading.return?.();
  commit();
  expect(isInFiles('erased.db')).toBe(false);
  close();
});
