<?php
// What the chandlery sells: number => [name, price in cents].
return [
    1 => ['Hemp rope, 20 m', 2450],
    2 => ['Storm lantern', 5900],
    3 => ['Oilskin jacket', 12900],
    4 => ['Hand compass', 7400],
    5 => ['Ship\'s biscuit, 1 kg', 650],
];
