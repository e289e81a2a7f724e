/** The name by which compiled code hands itself over; it does nothing outside of that moment. */
export const runnerName = "__sallyport_run";

/** The name by which compiled code has a caught error worded as Postman's engine does. */
export const rewordName = "__sallyport_error";
