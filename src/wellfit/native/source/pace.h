// What is decided by the time that steps take. No number that is computed depends on it.
#pragma once

namespace wellfit {

// Whether help pays: some steps are timed with it and without, again and again, for small networks and busy machines are
// faster alone. Help that did not pay once may soon do; of help that pays well, one step without it is enough to know.
class Pace {
 public:
  bool helped(long size) {
    if (size != size_) *this = Pace(), size_ = size;
    return turn_ < PROBES || (turn_ >= 2 * PROBES && helps_);
  }

  void took(double seconds) {
    if (turn_ == 0) alone_ = helped_ = 1e9;
    double& best = turn_ < PROBES ? helped_ : alone_;
    if (turn_ < 2 * PROBES && seconds < best) best = seconds;
    if (turn_ == PROBES && alone_ > CLEAR * helped_) turn_ = 2 * PROBES - 1;
    if (++turn_ == 2 * PROBES) {
      helps_ = helped_ < alone_;
      until_ = helps_ ? SELDOM : doubt_;
      doubt_ = helps_ ? OFTEN : 2 * doubt_ < SELDOM ? 2 * doubt_ : SELDOM;
    }
    if (turn_ >= 2 * PROBES + until_) turn_ = 0;
  }

 private:
  static constexpr int PROBES = 4, OFTEN = 16, SELDOM = 400;
  static constexpr double CLEAR = 1.5;
  long size_ = -1;
  int turn_ = 0, until_ = SELDOM, doubt_ = OFTEN;  // steps until the next probes, and after the next ones without help
  bool helps_ = true;
  double alone_ = 0, helped_ = 0;
};

// Whether lines of weights that another core has read are given up before they change: where cores share no cache some
// processors take long to change them. A step with it and one without are timed, again and again.
class GivingUp {
 public:
  bool now() const { return turn_ == 1 || (turn_ > 1 && pays_); }

  // How long the weights took to change, in all threads together.
  void took(long nanoseconds) {
    if (turn_ == 0) kept_ = nanoseconds;
    if (turn_ == 1) pays_ = kept_ > 2 * nanoseconds;
    turn_ = (turn_ + 1) % STEPS;
  }

 private:
  static constexpr int STEPS = 16;
  int turn_ = 0;
  bool pays_ = false;
  long kept_ = 0;
};

}  // namespace wellfit
