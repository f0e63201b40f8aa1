// The end of an epoch: remember the best, stop, or roll back. What XLA's programs do (training/stopping.py, classic.py).
#pragma once

#include <cmath>
#include <cstring>

#include "task.h"
#include "work.h"

namespace wellfit {

enum Status : std::int32_t { RUNNING, FINISHED, STOPPED_EARLY, DIVERGED };

// Numbers of a plan that only the end of an epoch needs.
template <typename Real>
struct Rule {
  Real rollback_factor, tolerance, wait, rate, smallest_rate, rate_divisor, patience_share;
};

template <typename Real>
void copy_all(const Task& task, void* const* from, void** to) {
  if (to == nullptr) return;  // the method remembers nothing
  for (long i = 0; i < task.arrays; ++i) std::memcpy(to[i], from[i], sizeof(Real) * static_cast<size_t>(task.sizes[i]));
}

template <typename Real>
bool all_finite(const Task& task) {
  for (long i = 0; i < task.arrays; ++i) {
    enum : long { LANES = 16 };
    const Real* p = static_cast<const Real*>(task.p[i]);
    const long size = task.sizes[i], whole = size / LANES * LANES;
    Real sums[LANES] = {}, sum = 0;  // 0 times what is not finite is not a number
    for (long j = 0; j < whole; j += LANES)
      for (long k = 0; k < LANES; ++k) sums[k] += p[j + k] * 0;
    for (long j = whole; j < size; ++j) sum += p[j] * 0;
    for (const Real lane : sums) sum += lane;
    if (sum != 0) return false;
  }
  return true;
}

template <typename Real>
void put(void* line, const Task& task, Real value) {
  if (line == nullptr) return;
  const long last = task.epochs_kept - 1, at = *task.epoch < last ? *task.epoch : last;
  static_cast<Real*>(line)[at] = value;
}

template <typename Real>
Real& number(void* place) {
  return *static_cast<Real*>(place);
}

// wellfit's own rule: the epoch with the best held-out loss is kept; one that failed is undone, and steps become smaller.
template <typename Real>
void accept_or_roll_back(Task& task, const Steps<Real>& s, const Rule<Real>& rule) {
  const Real loss = s.loss_sum / s.weight_sum, judged = s.held_n ? s.held_loss / s.held_weight : loss;
  if (s.bad || !std::isfinite(loss) || !std::isfinite(judged) || !all_finite<Real>(task)) {
    copy_all<Real>(task, task.good_p, task.p);
    copy_all<Real>(task, task.good_m, task.m);
    copy_all<Real>(task, task.good_v, task.v);
    copy_all<Real>(task, task.good_u, task.u);
    *task.step = *task.good_step, *task.count = *task.good_count;
    number<Real>(task.factor) *= rule.rollback_factor;
    if (++*task.rollbacks > task.most_rollbacks) *task.status = DIVERGED;
    return;
  }
  put(task.loss_line, task, loss);
  if (s.held_n) put(task.held_loss_line, task, judged);
  const bool improved = judged < number<Real>(task.best_score);
  const std::int32_t epoch = ++*task.epoch;
  *task.waited = improved ? 0 : *task.waited + 1;
  if (improved) {
    number<Real>(task.best_score) = judged;
    *task.best_epoch = epoch;
    if (s.held_n) copy_all<Real>(task, task.p, task.best);
  }
  const auto share = static_cast<std::int64_t>(rule.patience_share * static_cast<Real>(*task.best_epoch));
  if (epoch >= task.max_epochs) *task.status = FINISHED;
  else if (s.held_n && task.patience >= 0 && *task.waited > task.patience && *task.waited > share) *task.status = STOPPED_EARLY;
  copy_all<Real>(task, task.p, task.good_p);
  copy_all<Real>(task, task.m, task.good_m);
  copy_all<Real>(task, task.v, task.good_v);
  copy_all<Real>(task, task.u, task.good_u);
  *task.good_step = *task.step, *task.good_count = *task.count;
}

template <typename Real>
Real score_of(const Steps<Real>& s) {
  if (s.score == ACCURACY) return s.right / s.held_weight;
  const long outputs = s.width[s.layers];
  Real total = 0;
  for (long k = 0; k < outputs; ++k) {
    const bool nothing = s.there[k] <= 0;  // to explain
    total += !nothing ? 1 - s.left[k] / s.there[k] : s.left[k] <= 0 ? Real{1} : Real{0};
  }
  return total / static_cast<Real>(outputs) + s.right;
}

// scikit-learn's: the loss, or the score of held-out rows, has to become better by a tolerance.
template <typename Real>
void classic_end(Task& task, const Steps<Real>& s, const Rule<Real>& rule) {
  const Real loss = s.loss_sum / s.weight_sum;
  Real &best = number<Real>(task.best_score), judged = loss;
  bool no_better = loss > best - rule.tolerance, better = loss < best;
  put(task.loss_line, task, loss);
  if (s.held_n) {
    judged = score_of(s);
    // A score that is not a number counts as better than nothing and stops nothing, as in scikit-learn.
    no_better = judged < best + rule.tolerance, better = judged > best;
    const Real divisor = s.held_weight > 0 ? s.held_weight : 1;
    put(task.held_score_line, task, judged);
    put(task.held_loss_line, task, s.held_loss / (divisor * s.averaged));
    if (better) copy_all<Real>(task, task.p, task.best);
  }
  *task.waited = no_better ? *task.waited + 1 : 0;
  Real& factor = number<Real>(task.factor);
  bool stop = static_cast<Real>(*task.waited) > rule.wait;
  if (stop && task.adaptive && rule.rate * factor > rule.smallest_rate) {
    factor /= rule.rate_divisor;
    *task.waited = 0, stop = false;
  }
  put(task.rate_line, task, rule.rate * factor);
  const std::int32_t epoch = ++*task.epoch;
  if (better) best = judged, *task.best_epoch = epoch;
  if (stop) *task.status = STOPPED_EARLY;
  else if (epoch >= task.max_epochs || task.once) *task.status = FINISHED;
}

}  // namespace wellfit
