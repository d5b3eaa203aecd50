// Texts that are nearly right, for decoders.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace sluice::fakes {

// `text` after up to four changes: a token put in, some bytes taken out, a piece said twice, a byte
// of another value, an end too early. One in five is as it was.
inline std::string MutatedText(std::string text, const std::vector<std::string>& tokens,
                               std::mt19937& random) {
  const auto below = [&random](size_t bound) { return random() % std::max<size_t>(bound, 1); };
  for (size_t n = below(5); n > 0; --n) {
    const size_t at = below(text.size() + 1);
    switch (random() % 5) {
      case 0:
        text.insert(at, tokens[below(tokens.size())]);
        break;
      case 1:
        text.erase(at, 1 + below(12));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(60)));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random() & 0xff);
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

}  // namespace sluice::fakes
