import { form } from '../../dialect/body';
import { operationOf } from '../../dialect/operation';
import { MAX_BODY_BYTES } from './fields';
import type { RongCloudSettings } from './settings';

/** A row of this dialect: its body is read as a form, with any `Content-Type`. */
export const operation = operationOf<RongCloudSettings, URLSearchParams>(form(MAX_BODY_BYTES));

/** The vendor reports success where nothing is left to change: the group doesn't exist, or was dismissed. */
export const GONE = ['GROUP_NOT_FOUND', 'GROUP_DISMISSED'] as const;
