import type { OpenFile } from '@cohort/file-store';
import { codeOf } from '@cohort/surroundings';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { attachment } from './names';
import { sentType } from './types';

/** The answer of a row that returns the bytes of a file, in place of JSON. */
export class FileAnswer {
  constructor(
    private readonly file: Pick<OpenFile, 'size' | 'bytes'>,
    /** The name under which a browser saves it. */
    private readonly name: string,
    /** The media type that is stored. */
    private readonly type: string,
    /** `public`: a browser may keep it, since its address never means other bytes. */
    private readonly access: 'members' | 'public' = 'members',
  ) {}

  /**
   * Sends the bytes as they are read. If that fails, the connection is closed before the last of them. Resolves also if the
   * caller closes it.
   */
  async send({ method }: IncomingMessage, response: ServerResponse): Promise<void> {
    response.writeHead(200, {
      'Content-Type': sentType(this.type),
      'Content-Length': this.file.size,
      'Content-Disposition': attachment(this.name),
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Cache-Control': this.access === 'public' ? 'public, max-age=86400, immutable' : 'no-store',
      'Accept-Ranges': 'none',
    });
    if (method === 'HEAD') response.end();
    else await pipeline(Readable.from(this.file.bytes(), { objectMode: false }), response).catch(unlessClosed);
  }
}

function unlessClosed(error: unknown): void {
  if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}

/** The answer's type for the documents. */
export const FILE_SCHEMA = { type: 'string', format: 'binary' } as const;
