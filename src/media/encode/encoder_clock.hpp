// CPU time spent inside an encoder, its own threads included.
#pragma once

#include <map>
#include <string>

namespace facegraph::media {

// The encoder's threads are recognised by their name: a thread inherits the name of the one that starts it, so calls
// into the encoder run under a name of their own. Where the system has no such list, only the calling thread's time
// counts.
class EncoderClock {
 public:
  EncoderClock();

  // Around every call into the encoder. A null clock: nothing is measured.
  class Scope {
   public:
    explicit Scope(EncoderClock* clock);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    EncoderClock* clock_;
    double start_ = 0;
    std::string previous_name_;
  };

  double seconds() const;
  // Reads the encoder's threads. To be called before any of them ends: x264's lookahead does when the input ends, the
  // others with the encoder.
  void sample();

 private:
  std::string name_;
  double caller_seconds_ = 0;
  std::map<std::string, double> thread_seconds_;  // last reading of each thread that was seen
};

}  // namespace facegraph::media
