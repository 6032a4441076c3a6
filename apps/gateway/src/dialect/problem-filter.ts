import { ArgumentsHost, Catch, ExceptionFilter, NotFoundException } from '@nestjs/common';
import { shortened } from '@cohort/contracts';
import type { Request, Response } from 'express';
import { drained } from './drain';

/** Characters of a path that the answer repeats. */
const MAX_PATH = 512;

/** Answers a request that no dialect claims and no route of Nest has, with an HTTP problem (RFC 9457). */
@Catch(NotFoundException)
export class ProblemFilter implements ExceptionFilter {
  async catch(_error: NotFoundException, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    await drained(request, response);
    const { method, path } = request;
    response
      .status(404)
      .type('application/problem+json')
      .json({ title: 'Not Found', status: 404, detail: `There is nothing at ${method} ${shortened(path, MAX_PATH)}.` });
  }
}
