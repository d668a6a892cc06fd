"""Passwords that everybody tries first.

Those of ten characters and more (shorter ones are refused for their length) that lead the published lists of leaked
passwords, in lower case. A guess that is not on it meets a slow hash.
"""

from __future__ import annotations

_LEAKED = """
0000000000 0123456789 0987654321 1029384756 1111111111 1122334455 1212121212 123123123123 1231231234 1234512345
1234554321 123456123456 12345654321 1234567812345678 1234567890 12345678901 123456789012 1234567890a 1234567890q
1234567890qwertyuiop 1234567891 12345678910 1234567899 123456789a 123456789abc 123456789q 123456qwerty 12345qwert
123qwe123qwe 1357924680 147258369 1472583690 1478963250 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc
1qaz2wsx3edc4rfv 1qazxsw23edc 2222222222 5555555555 7777777777 9876543210 9999999999 a123456789 a1b2c3d4e5
aa123456789 aaaaaaaaaa abc123456789 abcd1234567 abcdefghij abcdefghijk admin12345 admin123456 administrator
alexander1 america123 asdf123456 asdfasdfasdf asdfghjkl1 asdfghjkl123 asdfghjkl; azertyuiop azertyuiop1 barcelona1
basketball basketball1 bismillah1 butterfly1 changeme123 charlotte1 chocolate1 christopher computer123 cristiano7
dragon12345 elizabeth1 football12 football123 fuckyou123 hello12345 hello123456 helloworld iloveyou12 iloveyou123
iloveyou1234 iloveyousomuch internet123 letmein123 letmein1234 liverpool1 liverpool123 manchester manchester1
mercedes123 michael123 michaeljackson microsoft1 mississippi monkey1234 motdepasse motdepasse1 p@ssw0rd123
p@ssword123 pa55word123 pass123456 passpassword passw0rd12 passw0rd123 password00 password01 password1! password10
password11 password12 password123 password123! password1234 password12345 password123456 password2024 password2025
password2026 passwordpassword princess12 princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc1 qazwsxedc123 qazwsxedcrfv
qwer123456 qwert12345 qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop12
qwertyuiop123 qwertyuiop[] qwertyuiopasdfghjkl rockandroll samsung123 sebastian1 september1 spongebob1 starwars123
strawberry sunshine12 sunshine123 superman12 superman123 test123456 thisisapassword trustno1trustno1 unbelievable
volleyball volleyball1 washington welcome123 welcome1234 whatever12 whatever123 zaq12wsxcde3 zxcvbnm123
zxcvbnmasdfghjkl
"""
LEAKED = frozenset(_LEAKED.split())


def is_common(password: str) -> bool:
    """Whether a password is among the first that anybody tries, or one character over and over.

    >>> is_common("Password123"), is_common("zzzzzzzzzzzz"), is_common("correct horse battery")
    (True, True, False)
    """
    return password.casefold() in LEAKED or len(set(password)) == 1
