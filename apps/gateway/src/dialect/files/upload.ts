import { CohortError } from '@cohort/contracts';
import busboy from 'busboy';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { BodyReader } from '../body';
import type { Lease } from '../body-bytes';
import type { Incoming } from '../call';
import { codingOf } from '../coding';
import { askForBody } from '../expect';

/** What a form may have beside the file. All of it is ignored. */
const FORM = { files: 1, fields: 16, fieldSize: 16 * 1024, fieldNameSize: 128, parts: 20, headerPairs: 20 } as const;
/** The name of the file's field. */
const FIELD = 'file';
/** Bytes that the form has beside the file. */
const FORM_BYTES = 16 * FORM.fieldSize;
/** Bytes of an upload that are in memory together. */
const IN_MEMORY = 1024 * 1024;

/** A file in a form. Its bytes come as they are read. */
export interface UploadedFile {
  /** As the caller wrote it, without folders. */
  readonly name: string;
  readonly type: string;
  /** Throws `VALIDATION_FAILED` if the body ends before the file does. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Ends the reading, at the end of the file or before. */
  readonly close: () => void;
}

/** The body of an upload. Nothing of it is read, or asked for, before `file`. */
export class Upload {
  constructor(
    private readonly request: IncomingMessage,
    private readonly lease: Lease,
  ) {}

  /**
   * Reads up to the beginning of the file; undefined if the body is no form, or has no file.
   *
   * @throws CohortError `FILE_TOO_LARGE` if the header says so, `OVERLOADED`, `VALIDATION_FAILED`
   */
  async file(maxBytes: number): Promise<UploadedFile | undefined> {
    const { headers } = this.request;
    if (codingOf(headers['content-encoding']) !== undefined)
      throw new CohortError('VALIDATION_FAILED', 'an upload must not be compressed');
    if (Number(headers['content-length'] ?? 0) > maxBytes + FORM_BYTES)
      throw new CohortError('FILE_TOO_LARGE', `A file may have at most ${maxBytes} bytes.`, { limit: maxBytes });
    const parser = parserOf(this.request);
    if (!parser) return undefined;
    this.lease.resize(IN_MEMORY);
    askForBody(this.request);
    return found(this.request, parser);
  }
}

const uploads = new WeakMap<IncomingMessage, Upload>();

/** For operations whose body is a form with a file, which they read by `uploadOf`. */
export const upload: BodyReader<undefined> = {
  contentType: 'multipart/form-data',
  read: (request, _limits, lease) => {
    uploads.set(request, new Upload(request, lease));
    return Promise.resolve(undefined);
  },
};

export const uploadOf = ({ http }: Pick<Incoming, 'http'>): Upload => uploads.get(http)!;

type Parser = ReturnType<typeof busboy>;

function parserOf({ headers }: IncomingMessage): Parser | undefined {
  if (!/^multipart\/form-data\b/i.test(headers['content-type'] ?? '')) return undefined;
  try {
    return busboy({ headers, defParamCharset: 'utf8', limits: FORM });
  } catch {
    // There is no boundary.
    return undefined;
  }
}

const endedEarly = (): CohortError => new CohortError('VALIDATION_FAILED', 'the body ended early');

async function* whole(bytes: Readable): AsyncIterable<Uint8Array> {
  try {
    yield* bytes as AsyncIterable<Uint8Array>;
  } catch {
    throw endedEarly();
  }
}

function found(request: IncomingMessage, parser: Parser): Promise<UploadedFile | undefined> {
  return new Promise((resolve, reject) => {
    // The connection may end before the form does: then the file ends with an error, too.
    const early = () => {
      if (!request.complete) parser.destroy(endedEarly());
    };
    const close = () => {
      request.off('close', early).unpipe(parser);
      parser.destroy();
    };
    parser.on('file', (field, bytes, { filename: name = '', mimeType: type }) => {
      // Its reader may come later, or not at all. Without a listener the error would end the process.
      bytes.on('error', () => undefined);
      if (field === FIELD) resolve({ name, type, bytes: whole(bytes), close });
      else bytes.resume();
    });
    parser.on('error', (error) => reject(error instanceof CohortError ? error : endedEarly()));
    parser.on('close', () => {
      close();
      resolve(undefined);
    });
    request.once('close', early).pipe(parser);
    if (request.destroyed) early();
  });
}
