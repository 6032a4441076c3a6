import { ArgumentsHost, Catch, ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { Request, Response } from 'express';

/** Answers requests that no dialect takes with an HTTP problem (RFC 9457). */
@Catch(NotFoundException)
export class ProblemFilter implements ExceptionFilter {
  catch(_error: NotFoundException, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { method, path } = http.getRequest<Request>();
    http
      .getResponse<Response>()
      .status(404)
      .type('application/problem+json')
      .json({ title: 'Not Found', status: 404, detail: `There is nothing at ${method} ${path}.` });
  }
}
