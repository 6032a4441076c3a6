import type { LogEvent } from '../log-event';

/** The time of a usable event, in milliseconds since 1970. */
export const timeOf = ({ metadata }: LogEvent): number => Date.parse(metadata.at as string);
