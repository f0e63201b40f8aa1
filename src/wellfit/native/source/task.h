// What Python hands over: numbers, and pointers into its own arrays, which change in place (native/task.py).
#pragma once

#include <cstdint>

namespace wellfit {

enum : int { MEANING = 4 };         // of what Python hands over; the same number stands in native/task.py

struct Task {
  std::int64_t doubles;             // whether Real is double
  // of the structure and the rows
  const std::int32_t* structure;
  const void *x, *y, *w, *known;
  const std::int32_t *codes, *train, *held;
  const std::int32_t *places, *starts;  // of x where it is sparse: columns of its numbers, and each row's first one
  // where rows are scaled as they are gathered: the columns' centres and factors, else null; x is then of either precision
  const double *scaler_centre, *scaler_factor;
  double scaler_clip;
  std::int64_t x_doubles;
  std::int64_t columns, n, held_n, levels, scaled;
  // parameters and what the method remembers, now and at the last good epoch; parameters of the best epoch; where there are any
  void **p, **m, **v, **u, **good_p, **good_m, **good_v, **good_u, **best;
  std::int64_t arrays;
  const std::int64_t* sizes;
  const void* cosine;               // cos 2 pi r as a polynomial of r^2
  const void* numbers;
  // learning rate, decay and rates of dropout of steps from ``first`` on; one line for all where ``lines`` is 0
  const void* table;
  std::int64_t first, lines, line;
  // row orders of the host's, an epoch a line, where it draws them
  const std::int32_t* orders;
  std::int64_t order_line, order_lines, order_first, order_until;
  std::uint32_t step_seed, order_seed;
  std::int64_t score, max_epochs, patience, once, adaptive, most_rollbacks, epochs_kept, pause, zeros;
  // the state
  std::int32_t *step, *count, *within, *epoch, *waited, *best_epoch, *rollbacks, *status, *good_step, *good_count;
  std::uint8_t* bad;
  void *loss, *weight, *best_score, *factor;
  void *loss_line, *held_loss_line, *held_score_line, *rate_line;
  std::int64_t todo;                // steps that may still be done
  void* outputs;                    // (held_n, outputs): what comes out for rows ``held``, where that alone is asked
};

}  // namespace wellfit
