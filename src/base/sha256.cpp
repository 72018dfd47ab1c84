// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <new>

namespace permward {
namespace {

// Of an algorithm that is always there nothing fails but the allocator.
void require(bool done) {
  if (!done) throw std::bad_alloc();
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* handle = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(handle); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  require(context_->handle != nullptr);
  require(EVP_DigestInit_ex(context_->handle, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

Sha256& Sha256::add(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->handle, bytes.data(), bytes.size()) == 1);
  return *this;
}

Sha256::Digest Sha256::digest() {
  Digest out{};
  unsigned length = 0;
  require(EVP_DigestFinal_ex(context_->handle, out.data(), &length) == 1 && length == out.size());
  return out;
}

std::string hex(const Sha256::Digest& digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(digest.size() * 2);
  for (const unsigned char byte : digest) {
    out += digits[byte >> 4];
    out += digits[byte & 0xf];
  }
  return out;
}

std::optional<Sha256::Digest> digest_of_hex(std::string_view text) {
  Sha256::Digest out{};
  if (text.size() != out.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char digit = text[i];
    const bool decimal = digit >= '0' && digit <= '9';
    const char lower = static_cast<char>(digit | 0x20);
    if (!decimal && (lower < 'a' || lower > 'f')) return std::nullopt;
    const int value = decimal ? digit - '0' : lower - 'a' + 10;
    out[i / 2] = static_cast<unsigned char>(out[i / 2] << 4 | value);
  }
  return out;
}

std::string sha256_hex(std::string_view bytes) { return hex(Sha256().add(bytes).digest()); }

}  // namespace permward
