#ifndef EXP_LOG_H
#define EXP_LOG_H

/*
 * The exponential function and the logarithm, to a few units of the last place of a double. libm's differ between machines
 * with and without fused multiplication; these are the same to the last bit everywhere.
 */

double exp_of(double power);
double log_of(double number);

/* number ^ power for numbers from 0 on; NaN for negatives. */
double power_of(double number, double power);

#endif
