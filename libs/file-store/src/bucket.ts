import { JSONCodec } from 'nats';
import type { StoredFile } from './file-store';

/**
 * Names of a tenant's bucket and what is in it, after the object store of NATS (ADR-20): `nats object` of NATS's command line
 * reads the files, too.
 */
export const bucketOf = (tenant: string): string => `COHORT_FILES_${tenant}`;
export const streamOf = (tenant: string): string => `OBJ_${bucketOf(tenant)}`;

/** The tenant of a stream; undefined for streams of others. */
export const tenantOf = (stream: string): string | undefined =>
  stream.startsWith(streamOf('')) ? stream.slice(streamOf('').length) : undefined;

/** The subject of a file's bytes; of all: `>`. */
export const chunksOf = (tenant: string, id: string): string => `$O.${bucketOf(tenant)}.C.${id}`;
/** The subject of what describes a file; of all: `>`. */
export const metaOf = (tenant: string, name: string): string => {
  const encoded = Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  return `$O.${bucketOf(tenant)}.M.${name === '>' ? name : encoded}`;
};

/** The id in the subject of a file's bytes. */
export const idOf = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1);

/** What describes a file, as it is stored. */
export interface Meta {
  readonly name: string;
  readonly bucket: string;
  /** Names its bytes. */
  readonly nuid: string;
  readonly size: number;
  readonly chunks: number;
  readonly mtime: string;
  /** `SHA-256=` and the digest in base64url. */
  readonly digest: string;
  readonly deleted?: boolean;
  readonly options?: { readonly max_chunk_size: number };
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The label with the sequence of the first bytes in the stream, so that a reader needn't look for them. */
export const FIRST = 'first-sequence';

export const digestText = (digest: Buffer): string =>
  `SHA-256=${digest.toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`;

export const JSON_META = JSONCodec<Meta>();

export const stored = ({ name, size, mtime, metadata = {} }: Meta): StoredFile => {
  const { [FIRST]: _, ...labels } = metadata;
  return { name, labels, size, storedAt: new Date(mtime) };
};
