/** What we use of it: the package has no types. */
declare module 'busboy' {
  import type { IncomingHttpHeaders } from 'node:http';
  import type { Readable, Writable } from 'node:stream';

  interface Parser extends Writable {
    on(
      event: 'file',
      listener: (
        field: string,
        file: Readable,
        info: { readonly filename?: string; readonly mimeType: string },
      ) => void,
    ): this;
    on(event: 'close', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  function busboy(options: {
    readonly headers: IncomingHttpHeaders;
    readonly defParamCharset?: string;
    readonly limits?: Readonly<
      Partial<Record<'fields' | 'fieldSize' | 'fieldNameSize' | 'files' | 'parts' | 'headerPairs', number>>
    >;
  }): Parser;
  export = busboy;
}
