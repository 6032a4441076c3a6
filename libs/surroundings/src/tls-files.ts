import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { AddressError } from './address';
import { parseEventStoreAddress, type EventStoreAddress } from './event-store-address';
import { codeOf, messageOf } from './texts';

/** The contents of the files that a connection string names. */
export interface TlsFiles {
  readonly authority?: Buffer;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
}

/**
 * Reads the files that the options of a connection string name.
 *
 * @throws AddressError a file can't be read, or has other content
 */
export function readTlsFiles({ tls, options }: EventStoreAddress): TlsFiles {
  if (!tls) return {};
  const read = (option: 'tlsCAFile' | 'userCertFile' | 'userKeyFile'): Buffer | undefined => {
    const file = options[option];
    if (file === undefined) return undefined;
    try {
      return readFileSync(file);
    } catch (error) {
      throw new AddressError(
        `names a file by its option ${option} that can't be read (${codeOf(error) ?? messageOf(error)})`,
      );
    }
  };
  const [authority, certificate, key] = [read('tlsCAFile'), read('userCertFile'), read('userKeyFile')];
  if (authority && !authority.includes('-----BEGIN CERTIFICATE-----')) {
    throw new AddressError('names a file by its option tlsCAFile that has no certificate in PEM');
  }
  try {
    createSecureContext({ ca: authority, cert: certificate, key });
  } catch {
    throw new AddressError(
      'names files by its options userCertFile and userKeyFile that are no certificate and its key in PEM',
    );
  }
  return { ...(authority && { authority }), ...(certificate && { certificate }), ...(key && { key }) };
}

/**
 * Reads a connection string, and the files that it names.
 *
 * @throws AddressError the text isn't a usable connection string
 */
export function checkEventStoreAddress(text: string): EventStoreAddress {
  const address = parseEventStoreAddress(text);
  readTlsFiles(address);
  return address;
}
