import {
  ArgumentsHost,
  BadRequestException,
  Catch,
  ExceptionFilter,
  HttpException,
  NotFoundException,
} from '@nestjs/common';
import type { Request, Response } from 'express';

/** Answers requests that no dialect takes with an HTTP problem (RFC 9457). */
@Catch(NotFoundException, BadRequestException)
export class ProblemFilter implements ExceptionFilter<HttpException> {
  catch(error: HttpException, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { method, path } = http.getRequest<Request>();
    const problem =
      error instanceof NotFoundException
        ? { title: 'Not Found', status: 404, detail: `There is nothing at ${method} ${path}.` }
        : { title: 'Bad Request', status: 400, detail: 'The request is not well-formed HTTP.' };
    http.getResponse<Response>().status(problem.status).type('application/problem+json').json(problem);
  }
}
