import { CohortError } from '@cohort/contracts';
import { jsonList, jsonObject, type BodyReader } from '../../dialect/body';
import { WildfireChatError } from './errors';

/** The vendor's server answers a body that it can't read with HTTP 500. */
const crashing = <B>({ contentType, read }: BodyReader<B>): BodyReader<B> => ({
  contentType,
  read: async (request, limits, lease) => {
    try {
      return await read(request, limits, lease);
    } catch (error) {
      if (error instanceof CohortError && error.code === 'VALIDATION_FAILED') throw new WildfireChatError('crash');
      throw error;
    }
  },
});

export const readObject = crashing(jsonObject);
export const readList = crashing(jsonList);
