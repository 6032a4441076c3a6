/** A form with one file, as browsers write it, and what else the caller wants. */
export interface FormFile {
  readonly bytes: Buffer | string;
  /** Default `plan.pdf`. */
  readonly name?: string;
  /** Default `application/pdf`. */
  readonly type?: string;
  /** Default `file`. */
  readonly field?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

const BOUNDARY = '----cohortFormBoundary7MA4YWxkTrZu0gW';

export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** The beginning of a form, up to and with the first bytes of its file. */
export const formBegin = ({
  bytes,
  name = 'plan.pdf',
  type = 'application/pdf',
  field = 'file',
  fields = {},
}: FormFile) =>
  Buffer.concat([
    ...Object.entries(fields).map(([key, value]) =>
      Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`),
    ),
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    Buffer.from(bytes),
  ]);

export const form = (file: FormFile): Buffer =>
  Buffer.concat([formBegin(file), Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
