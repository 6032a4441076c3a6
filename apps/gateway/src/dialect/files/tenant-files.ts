import { CohortError } from '@cohort/contracts';
import { randomBytes } from 'node:crypto';
import { newFileName, type FileStore, type OpenFile } from '@cohort/file-store';
import { FileAnswer } from './file-answer';
import { fileName } from './names';
import { claimsOf, ticket, type Purpose } from './tickets';
import { begun, mediaType, mustBeAsDeclared, mustBeImage } from './types';
import type { Upload } from './upload';

/** A file that was uploaded, and that nothing names yet. */
export interface Uploaded {
  /** The name of the bytes. */
  readonly name: string;
  /** The name of the file, for people. */
  readonly fileName: string;
  readonly type: string;
  readonly size: number;
}

type Kind = 'shared' | 'avatar';

/** The bytes of one tenant's files. */
export class TenantFiles {
  private asked: Promise<Buffer> | undefined;

  constructor(
    private readonly store: Pick<FileStore, 'put' | 'get' | 'remove'>,
    private readonly tenantId: string,
    /** Bytes of the largest file. */
    readonly maxBytes: number,
  ) {}

  /**
   * Stores the file of an upload for a group; undefined if it has none. An avatar must be an image, and a file that is declared
   * as an image must be one.
   */
  async take(upload: Upload, groupId: string, kind: Kind, name = newFileName()): Promise<Uploaded | undefined> {
    const given = await upload.file(this.maxBytes);
    if (!given) return undefined;
    try {
      const { image, bytes } = await begun(given.bytes);
      const declared = mediaType(given.type);
      if (kind === 'avatar') mustBeImage(image);
      else mustBeAsDeclared(declared, image);
      const type = image ?? declared;
      const file = { name, labels: { group: groupId, kind, type }, maxBytes: this.maxBytes };
      const { size } = await this.store.put(this.tenantId, file, bytes);
      return { name, fileName: fileName(given.name), type, size };
    } finally {
      given.close();
    }
  }

  /** A text for an address with which its bearer may do this for so long. */
  async ticket(purpose: Purpose, claims: object, forMs: number): Promise<string> {
    return ticket(await this.key(), purpose, claims, Date.now() + forMs);
  }

  /** What such a text proves; undefined if it proves nothing now. */
  async claims<C extends object>(purpose: Purpose, text: string): Promise<C | undefined> {
    return claimsOf<C>(await this.key(), purpose, text, Date.now());
  }

  /** The key of the tenant's addresses. It is stored with its files, so all gateways have the same. */
  private key(): Promise<Buffer> {
    const asked = (this.asked ??= keyIn(this.store, this.tenantId));
    asked.catch(() => (this.asked = undefined));
    return asked;
  }

  /** The bytes of a group's file. Throws `FILE_NOT_FOUND` for others, those of another group included. */
  async open(name: string | undefined, groupId: string): Promise<OpenFile> {
    const file = name === undefined ? undefined : await this.store.get(this.tenantId, name);
    if (file?.labels.group !== groupId) throw new CohortError('FILE_NOT_FOUND', 'The bytes of this file are not here.');
    return file;
  }

  /** A group's avatar, whatever its group. Throws `FILE_NOT_FOUND` for others. */
  async avatar(name: string): Promise<OpenFile> {
    const file = await this.store.get(this.tenantId, name);
    if (file?.labels.kind !== 'avatar') throw new CohortError('FILE_NOT_FOUND', 'There is no such avatar.');
    return file;
  }

  /** Removes bytes that nothing names any more. A failure is left to the sweep, which finds them. */
  async forget(name: string | undefined): Promise<void> {
    if (name !== undefined) await this.store.remove(this.tenantId, name).catch(() => undefined);
  }

  /**
   * Stores the file of an upload, and then does what names it. If that is refused, the bytes are removed; if its outcome is
   * unknown, they stay, and the sweep removes them if nothing names them.
   */
  async with<T>(uploaded: Uploaded, does: (uploaded: Uploaded) => Promise<T>): Promise<T> {
    try {
      return await does(uploaded);
    } catch (error) {
      const isRefused = error instanceof CohortError && !UNKNOWN.includes(error.code);
      if (isRefused) await this.forget(uploaded.name);
      throw error;
    }
  }
}

const KEY = 'address-key';

/** The first gateway that needs the key makes it. */
async function keyIn(store: Pick<FileStore, 'put' | 'get'>, tenantId: string): Promise<Buffer> {
  const stored = async (): Promise<Buffer | undefined> => {
    const file = await store.get(tenantId, KEY);
    return file && Buffer.concat(await collected(file.bytes()));
  };
  const known = await stored();
  if (known) return known;
  const made = randomBytes(32);
  try {
    await store.put(tenantId, { name: KEY, labels: { kind: 'key' }, maxBytes: made.length }, of(made));
    return made;
  } catch (error) {
    // Another gateway was faster.
    const theirs = await stored();
    if (theirs) return theirs;
    throw error;
  }
}

async function* of(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function collected(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return parts;
}

const UNKNOWN: readonly string[] = ['OUTCOME_UNKNOWN', 'DEADLINE_EXCEEDED', 'UNAVAILABLE', 'INTERNAL'];

/** The answer with a file's bytes. */
export const answerOf = (file: OpenFile, name: string, type: string, access?: 'members' | 'public'): FileAnswer =>
  new FileAnswer(file, name, type, access);

/** The files of each tenant. */
export interface Files {
  of(tenantId: string): TenantFiles;
}

const away = (): Promise<never> =>
  Promise.reject(new CohortError('UNAVAILABLE', 'This gateway has no store of files.', { dependency: 'fileStore' }));

/** For a gateway without a store of files. */
export const NO_FILES = new TenantFiles({ put: away, get: away, remove: away }, '', 10 * 1024 * 1024);
